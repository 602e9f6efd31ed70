import { userInfo } from "node:os";

/** The first user, who may do everything. */
export const administrator = "mooring-admin";

/** Where a Gitea keeps what it writes, where it reads what it came with, and where it listens. */
export interface GiteaSettings {
  readonly dir: string;
  readonly assets: string;
  readonly port: number;
  readonly sshPort: number;
}

/** Its `app.ini`: SQLite, loopback only, no questions asked, and nothing that looks outside or runs on a timetable. */
export function giteaConfig({ dir, assets, port, sshPort }: GiteaSettings): string {
  return `
RUN_USER = ${userInfo().username}
WORK_PATH = ${dir}
; It refuses to run as root otherwise, which is what containers of CI run as.
I_AM_BEING_UNSAFE_RUNNING_AS_ROOT = true

[server]
HTTP_ADDR = 127.0.0.1
HTTP_PORT = ${port}
DOMAIN = 127.0.0.1
ROOT_URL = http://127.0.0.1:${port}/
STATIC_ROOT_PATH = ${assets}
OFFLINE_MODE = true
START_SSH_SERVER = true
BUILTIN_SSH_SERVER_USER = git
SSH_USER = git
SSH_DOMAIN = 127.0.0.1
SSH_PORT = ${sshPort}
SSH_LISTEN_HOST = 127.0.0.1
SSH_LISTEN_PORT = ${sshPort}
SSH_SERVER_HOST_KEYS = ${dir}/host.key
SSH_ROOT_PATH = ${dir}/home
SSH_CREATE_AUTHORIZED_KEYS_FILE = false

[database]
DB_TYPE = sqlite3
PATH = ${dir}/gitea.db
SQLITE_JOURNAL_MODE = WAL

[security]
INSTALL_LOCK = true

[git]
HOME_PATH = ${dir}/home

[service]
DISABLE_REGISTRATION = true

[repository]
DEFAULT_BRANCH = main

[webhook]
ALLOWED_HOST_LIST = *

[indexer]
ISSUE_INDEXER_TYPE = db

[queue]
TYPE = channel

[session]
PROVIDER = memory

[log]
MODE = console
LEVEL = Warn

[actions]
ENABLED = false

[packages]
ENABLED = false

[cron]
ENABLED = false

[cron.update_checker]
ENABLED = false
`;
}

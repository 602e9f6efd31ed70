"""Runs a program on a terminal of its own and types what the script says.

Usage: on-terminal.py SCRIPT PROGRAM ARGUMENTS...   where SCRIPT is JSON: a list of [wait for this text, then type this].
Prints, as JSON, what the terminal showed, the exit code, whether the terminal echoes at the end, and what was left untaken.
"""

import json
import os
import pty
import select
import signal
import sys
import termios
import time

script, command = json.loads(sys.argv[1]), sys.argv[2:]
# A parent in the same session stays there for the program to be stopped and continued under.
master, slave = pty.openpty()
pid = os.fork()
if pid == 0:
    os.setsid()
    import fcntl

    fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
    for stream in (0, 1, 2):
        os.dup2(slave, stream)
    # As a shell does: the program has a process group of its own, in the foreground.
    child = os.fork()
    if child == 0:
        os.setpgid(0, 0)
        signal.signal(signal.SIGTTOU, signal.SIG_IGN)
        os.tcsetpgrp(0, os.getpgrp())
        signal.signal(signal.SIGTTOU, signal.SIG_DFL)
        os.execvp(command[0], command)
    signal.signal(signal.SIGTTOU, signal.SIG_IGN)
    while True:
        _, status = os.waitpid(child, os.WUNTRACED)
        if os.WIFSTOPPED(status):
            os.tcsetpgrp(0, os.getpgrp())
            echoes = bool(termios.tcgetattr(0)[3] & termios.ECHO)
            os.write(1, f"[stopped, echo {'on' if echoes else 'off'}]".encode())
            os.tcsetpgrp(0, child)
            os.killpg(child, signal.SIGCONT)
        elif os.WIFEXITED(status):
            code = os.WEXITSTATUS(status)
            break
        else:
            code = 128 + os.WTERMSIG(status)
            break
    os.tcsetpgrp(0, os.getpgrp())
    echoes = bool(termios.tcgetattr(0)[3] & termios.ECHO)
    left = ""
    while select.select([0], [], [], 0.2)[0]:
        left += os.read(0, 1024).decode()
    os.write(1, ("\n[end]" + json.dumps({"code": code, "echoes": echoes, "left": left})).encode())
    os._exit(0)

os.close(slave)
shown = ""
deadline = time.monotonic() + 60
while time.monotonic() < deadline and "[end]{" not in shown:
    if script and script[0][0] in shown[shown.rfind("\x00") + 1 :]:
        # What was shown before does not answer the next wait.
        shown += "\x00"
        os.write(master, script.pop(0)[1].encode())
    if select.select([master], [], [], 0.05)[0]:
        try:
            data = os.read(master, 4096)
        except OSError:
            break
        shown += data.decode(errors="replace")
text, _, end = shown.replace("\x00", "").partition("\r\n[end]")
print(json.dumps({"shown": text, **json.loads(end[: end.rindex("}") + 1] or "{}")}))

import type { Cluster } from "../../../cluster/index.ts";
import { Failure } from "../../../model/failure.ts";
import { type Context, defineCommand } from "../../command/command.ts";
import { findEnvironment, namespaceOf, withCluster } from "../../environment/environments.ts";
import { documentFormats, formatDocument } from "../../print/documents.ts";
import { formatEnvironmentReport, formatObjectReport } from "../../print/why.ts";
import { type EnvironmentReport, reportEnvironment } from "../../why/environment-report.ts";
import { type ObjectReport, reportObject } from "../../why/object-report.ts";
import { findSubject, isEnvironment, parseSubject } from "../../why/subject.ts";

type Report =
  | { readonly about: "environment"; readonly report: EnvironmentReport }
  | { readonly about: "object"; readonly report: ObjectReport };

/** `mooring why ENVIRONMENT|KIND/NAME`. */
export const why = defineCommand({
  description:
    "Traces a problem from the commit to its cause. For an Environment, it shows the commit that is being rolled out or that failed, and every object that blocks it: its stage, file and overlay, condition, pod and container, and the last log lines; or what the Environment is waiting for. For an object, it shows the Environment that owns it, the file it comes from, its current state, and its drift. The current state is read with your own permissions; the log lines are those that the agent read when the revision failed. Author and subject of the commit are shown if the working directory is a checkout that contains it. The exit code is 0 if everything is ready, 1 if not, and 2 or more if that cannot be determined.",
  arguments: { subject: { summary: "Environment, or object as KIND/NAME or KIND/NAMESPACE/NAME" } },
  flags: {
    output: { type: "string", short: "o", value: "FORMAT", choices: documentFormats, summary: "Print as data" },
  },
  examples: [
    { text: "Why is production not ready?", line: "mooring why production" },
    { text: "Who owns this Deployment, and what is wrong with it?", line: "mooring why deployment/web -n shop" },
    { text: "The same for a Pod, through its owner", line: "mooring why pod/web-5d4f8c-x2x7p -n shop" },
  ],
  errorExit: 2,
  async run(context) {
    const { flags, stdout, now } = context;
    const { about, report } = await withCluster(context, (cluster) => reportOn(context, cluster));
    if (flags.output !== undefined) stdout.writeData(await formatDocument(report, flags.output));
    else if (about === "environment") stdout.write(formatEnvironmentReport(report, now(), stdout.style));
    else stdout.write(formatObjectReport(report, now(), stdout.style));
    return (about === "environment" ? environmentIsWell(report) : objectIsWell(report)) ? 0 : 1;
  },
});

async function reportOn(
  context: Pick<Context, "cwd" | "signal" | "global"> & { readonly arguments: { readonly subject: string } },
  cluster: Cluster,
): Promise<Report> {
  const { cwd, signal, global } = context;
  const asking = { cluster, cwd, signal };
  const text = parseSubject(context.arguments.subject);
  if (global.namespace !== undefined && (text?.namespace ?? "") !== "") {
    const message = `--namespace has no effect: ${context.arguments.subject} names one`;
    throw new Failure("UsageInvalid", { message, hint: "leave one of them out" });
  }
  const subject = text && (await findSubject(cluster, text, global.namespace ?? cluster.defaultNamespace, signal));
  if (subject !== undefined && !isEnvironment(subject)) {
    return { about: "object", report: await reportObject(asking, subject) };
  }
  const namespace = text?.namespace || namespaceOf(context, cluster);
  const name = text?.name ?? context.arguments.subject;
  const environment = await findEnvironment(cluster, { namespace, name }, signal);
  return { about: "environment", report: await reportEnvironment(asking, environment) };
}

function environmentIsWell({ ready, ill, also }: EnvironmentReport): boolean {
  return ready === "True" && (ill ?? []).length === 0 && also.length === 0;
}

function objectIsWell({ healthy, drift }: ObjectReport): boolean {
  return healthy === true && drift.length === 0;
}

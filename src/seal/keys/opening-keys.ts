import { Failure } from "../../model/failure.ts";
import { stringAt } from "../../model/json/json.ts";
import { decodeBase64 } from "../../model/text/base64.ts";
import { parseManifests } from "../parse-manifests.ts";
import { type OpeningKey, privateKeyId } from "./key-ring.ts";

const block = /-----BEGIN (?:RSA )?PRIVATE KEY-----[^-]+-----END (?:RSA )?PRIVATE KEY-----/g;

/**
 * The private keys of a file, in every form that kubeseal's `--recovery-private-key` takes: PEM, or a backup of key
 * Secrets in YAML or JSON, one or a list. Throws `Failure` (CertificateInvalid, YamlInvalid), never with a word of a key in it.
 */
export function openingKeys(text: string, file: string): readonly OpeningKey[] {
  const blocks = text.includes("-----BEGIN ")
    ? (text.match(block) ?? [])
    : parseManifests(text, file).map(({ object }) => keyOf(stringAt(object, "data", "tls.key"), file));
  if (blocks.length > 0) return blocks.map((privateKeyPem) => ({ id: privateKeyId(privateKeyPem), privateKeyPem }));
  throw new Failure("CertificateInvalid", { file, message: "holds no private key" });
}

function keyOf(data: string | undefined, file: string): string {
  const pem = data === undefined ? undefined : decodeBase64(data)?.toString();
  if (pem !== undefined) return pem;
  throw new Failure("CertificateInvalid", {
    file,
    message: 'is not a backup of sealing keys: a Secret in it has no data["tls.key"] in base64',
  });
}

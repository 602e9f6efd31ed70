import forge from "node-forge";

/** A certificate and its private key, both PEM. */
export interface Issued {
  readonly cert: string;
  readonly key: string;
}

/** An authority, and certificates of it. */
export interface Authority {
  readonly cert: string;
  readonly issue: (commonName: string) => Issued;
}

/** A new authority that nobody trusts. What it issues is for 127.0.0.1, server and client. */
export function createAuthority(): Authority {
  const keys = forge.pki.rsa.generateKeyPair(2048);
  const subject = [{ name: "commonName", value: "Test authority" }];
  const authority = certificate({ keys, subject, issuer: subject, serial: "01" });
  authority.setExtensions([{ name: "basicConstraints", cA: true }]);
  authority.sign(keys.privateKey, forge.md.sha256.create());
  let serial = 1;
  return {
    cert: forge.pki.certificateToPem(authority),
    issue(commonName) {
      serial++;
      const own = forge.pki.rsa.generateKeyPair(2048);
      const name = [{ name: "commonName", value: commonName }];
      const issued = certificate({ keys: own, subject: name, issuer: subject, serial: `0${serial}` });
      issued.setExtensions([
        { name: "subjectAltName", altNames: [{ type: 7, ip: "127.0.0.1" }] },
        { name: "extKeyUsage", serverAuth: true, clientAuth: true },
      ]);
      issued.sign(keys.privateKey, forge.md.sha256.create());
      return { cert: forge.pki.certificateToPem(issued), key: forge.pki.privateKeyToPem(own.privateKey) };
    },
  };
}

interface Draft {
  readonly keys: forge.pki.rsa.KeyPair;
  readonly subject: forge.pki.CertificateField[];
  readonly issuer: forge.pki.CertificateField[];
  readonly serial: string;
}

function certificate({ keys, subject, issuer, serial }: Draft): forge.pki.Certificate {
  const draft = forge.pki.createCertificate();
  draft.publicKey = keys.publicKey;
  draft.serialNumber = serial;
  draft.validity.notBefore = new Date(Date.now() - 3_600_000);
  draft.validity.notAfter = new Date(Date.now() + 86_400_000);
  draft.setSubject(subject);
  draft.setIssuer(issuer);
  return draft;
}

/** Certificates for servers on this machine. */
import { derTag } from "../../../src/encoding/der.ts";
import { encodeDerInteger } from "../../../src/encoding/der-writer.ts";
import { certificateDer, commonName, element, isCa, newKey, pem, subjectAltName } from "../certificates.ts";

export interface TlsMaterial {
  readonly key: string;
  readonly cert: string;
  /** The certificate of who issued it. */
  readonly ca: string;
}

const localNames = [
  element(0x82, "localhost"),
  element(0x87, Uint8Array.of(127, 0, 0, 1)),
  element(0x87, Uint8Array.of(...Array<number>(15).fill(0), 1)),
];

let serial = 1n;

/** A key and a certificate of a new authority; for this machine, or for another one. */
export function newTlsMaterial({ name = "local", isForOtherHost = false, isExpired = false } = {}): TlsMaterial {
  const authority = newKey();
  const own = newKey();
  const notAfter = element(derTag.generalizedTime, isExpired ? "20250101000000Z" : "20730101000000Z");
  const issuer = commonName(`authority of ${name}`);
  serial += 2n;
  const ca = certificateDer({
    serial: encodeDerInteger(serial),
    issuer,
    subject: issuer,
    spki: authority.spki,
    signer: authority,
    extensions: [isCa],
    notAfter: element(derTag.generalizedTime, "20730101000000Z"),
  });
  const names = isForOtherHost ? [element(0x82, "elsewhere.example.com")] : localNames;
  const cert = certificateDer({
    serial: encodeDerInteger(serial + 1n),
    issuer,
    subject: commonName(name),
    spki: own.spki,
    signer: authority,
    extensions: [subjectAltName(...names)],
    notAfter,
  });
  return {
    key: own.privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    cert: pem("CERTIFICATE", cert),
    ca: pem("CERTIFICATE", ca),
  };
}

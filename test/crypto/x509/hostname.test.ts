import assert from "node:assert/strict";
import { describe } from "node:test";
import { verifyHostname } from "../../../src/crypto/x509/hostname.ts";
import { testRows } from "../../identity/rows.ts";
import { certificate, commonName, element, subjectAltName } from "../../support/certificates.ts";

describe("verifyHostname", () => {
  const loopback6 = Buffer.concat([Buffer.alloc(15), Uint8Array.of(1)]);
  const mapped = Buffer.concat([Buffer.alloc(10), Uint8Array.of(0xff, 0xff, 10, 0, 0, 1)]);
  const certificates = {
    names: certificate({
      subject: commonName("cn.example"),
      extensions: [
        subjectAltName(
          ...["a.example", "B.Example", "*.w.example", "*", "f*.example", "x_y.example", "dot.example.", "a b"].map(
            (name) => element(0x82, name),
          ),
          element(0x82, "1.2.3.4"),
        ),
      ],
    }),
    ips: certificate({
      extensions: [
        subjectAltName(element(0x87, Uint8Array.of(1, 2, 3, 4)), element(0x87, loopback6), element(0x87, mapped)),
      ],
    }),
  };
  const rows: readonly { of: "names" | "ips"; host: string; ok: boolean; why: string }[] = [
    { of: "names", host: "a.example", ok: true, why: "as it stands" },
    { of: "names", host: "A.EXAMPLE", ok: true, why: "letter case" },
    { of: "names", host: "b.example", ok: true, why: "letter case in the certificate" },
    { of: "names", host: "a.example.", ok: true, why: "a dot at the end" },
    { of: "names", host: "a.example..", ok: false, why: "two dots" },
    { of: "names", host: "x.a.example", ok: false, why: "below" },
    { of: "names", host: "x.w.example", ok: true, why: "a wildcard" },
    { of: "names", host: "x.w.example.", ok: true, why: "a wildcard and a dot" },
    { of: "names", host: "x.y.w.example", ok: false, why: "a wildcard is one label" },
    { of: "names", host: "w.example", ok: false, why: "a wildcard is not nothing" },
    { of: "names", host: "*.w.example", ok: true, why: "no valid name, compared as it is" },
    { of: "names", host: "foo.example", ok: false, why: "part of a label is no wildcard" },
    { of: "names", host: "f*.example", ok: true, why: "compared as it is" },
    { of: "names", host: "host", ok: false, why: "a bare * matches nothing" },
    { of: "names", host: "*", ok: true, why: "but itself" },
    { of: "names", host: "x_y.example", ok: true, why: "an underscore" },
    { of: "names", host: "dot.example", ok: false, why: "a dot at the end of the SAN" },
    { of: "names", host: "dot.example.", ok: true, why: "compared as it is, since the SAN is no valid name" },
    { of: "names", host: "a b", ok: true, why: "compared as it is" },
    { of: "names", host: "cn.example", ok: false, why: "the common name never counts" },
    { of: "names", host: "", ok: false, why: "empty" },
    { of: "names", host: ".", ok: false, why: "a dot" },
    { of: "names", host: "1.2.3.4", ok: false, why: "an address, and there are no IP SANs" },
    { of: "names", host: "[a.example]", ok: false, why: "brackets are for addresses" },
    { of: "names", host: "\u212a.example", ok: false, why: "the Kelvin sign is no k" },
    { of: "ips", host: "1.2.3.4", ok: true, why: "an address" },
    { of: "ips", host: "[1.2.3.4]", ok: true, why: "in brackets" },
    { of: "ips", host: "::ffff:1.2.3.4", ok: true, why: "mapped into IPv6" },
    { of: "ips", host: "10.0.0.1", ok: true, why: "mapped in the certificate" },
    { of: "ips", host: "::1", ok: true, why: "IPv6" },
    { of: "ips", host: "[0:0:0:0:0:0:0:1]", ok: true, why: "IPv6 at length" },
    { of: "ips", host: "::1%lo", ok: false, why: "a zone" },
    { of: "ips", host: "01.2.3.4", ok: false, why: "a leading zero" },
    { of: "ips", host: "1.2.3.4.", ok: false, why: "a dot at the end" },
    { of: "ips", host: "1.2.3", ok: false, why: "three numbers" },
    { of: "ips", host: "1.2.3.256", ok: false, why: "too large" },
    { of: "ips", host: "1:2::3::4", ok: false, why: "two gaps" },
    { of: "ips", host: "::2:3:4:5:6:7:8:1", ok: false, why: "a gap of nothing" },
    { of: "ips", host: "[::1", ok: false, why: "an open bracket" },
  ];
  testRows(
    rows,
    (row) => `${row.of} ${row.host}`,
    ({ of, host, ok }) => assert.equal(verifyHostname(certificates[of], host), ok),
  );
});

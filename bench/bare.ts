/** The least that a program in this runtime can do about a signature: read the key and the file, check, say so. */
import { createPublicKey, verify } from "node:crypto";
import { readFileSync } from "node:fs";

const [keyFile = "", signatureFile = ""] = process.argv.slice(2);
const key = createPublicKey(readFileSync(keyFile));
const envelope = JSON.parse(readFileSync(signatureFile, "utf8").split("\n").slice(1).join("\n"));
const signature = Buffer.from(envelope.annotations["dev.cosignproject.cosign/signature"], "base64");
const isGood = verify("sha256", Buffer.from(envelope.payload, "base64"), key, signature);
process.stdout.write(isGood ? "good\n" : "bad\n");
process.exit(isGood ? 0 : 1);

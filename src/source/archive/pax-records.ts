import { malformed } from "./archive-failure.ts";
import { checkNameEncoding } from "./member-name.ts";

/** How long the longest length is: 64 KiB are more than a header may have. */
const mostLengthDigits = 5;

/** Times, owners, and what is written of extended attributes; each costs work, and there are headers for every member. */
const mostRecords = 64;

const integer = /^-?[0-9]{1,18}$/;
const time = /^-?[0-9]{1,18}(\.[0-9]*)?$/;
/** What the values of these keys look like (pax(1), "pax Extended Header"), and are refused by the reference otherwise. */
const forms: Readonly<Record<string, RegExp>> = {
  size: /^[0-9]{1,16}$/,
  uid: integer,
  gid: integer,
  atime: time,
  mtime: time,
  ctime: time,
};
const texts: readonly string[] = ["path", "linkpath", "uname", "gname"];

/**
 * Throws unless `bytes` are records of an extended header, `LENGTH KEY=VALUE` and a line end, as strictly as the reference takes
 * them (Go: archive/tar `parsePAXRecord`, `mergePAX`): the library passes over what it does not understand. Each key only once.
 */
export function checkPaxRecords(bytes: Uint8Array): { readonly isSparse: boolean; readonly hasSize: boolean } {
  const keys = new Set<string>();
  let isSparse = false;
  for (let at = 0; at < bytes.length; ) {
    const { key, value, end } = readRecord(bytes, at);
    if (keys.has(key)) throw malformed("an extended header has a key twice");
    keys.add(key);
    if (keys.size > mostRecords) throw malformed(`an extended header has more than ${mostRecords} records`);
    checkValue(key, value);
    isSparse ||= key.startsWith("GNU.sparse.");
    at = end;
  }
  return { isSparse, hasSize: keys.has("size") };
}

function readRecord(bytes: Uint8Array, start: number) {
  const space = bytes.subarray(start, start + mostLengthDigits + 1).indexOf(0x20);
  const length = decimal(bytes.subarray(start, start + Math.max(space, 0)));
  const end = start + length;
  if (length <= space || end > bytes.length || bytes[end - 1] !== 0x0a) throw noRecord();
  const record = bytes.subarray(start + space + 1, end - 1);
  const equals = record.indexOf(0x3d);
  if (equals < 1) throw noRecord();
  const key = Buffer.from(record.subarray(0, equals)).toString("latin1");
  // Keys are ASCII in practice; the library could make others into one another.
  if (!/^[\x21-\x7e]+$/.test(key)) throw noRecord();
  return { key, value: record.subarray(equals + 1), end };
}

function checkValue(key: string, value: Uint8Array): void {
  // Empty: what the header says stays (mergePAX). The library takes it for the value.
  const isText = texts.includes(key);
  const form = forms[key];
  if (!isText && form === undefined) return;
  if (value.length === 0) throw malformed("an extended header has an empty value");
  if (form !== undefined && !form.test(Buffer.from(value).toString("latin1"))) {
    throw malformed("an extended header has a number that is none");
  }
  if (value.includes(0)) throw malformed("an extended header has a NUL");
  if (isText) checkNameEncoding(value);
}

function decimal(digits: Uint8Array): number {
  const text = Buffer.from(digits).toString("latin1");
  if (!/^[1-9][0-9]*$/.test(text)) throw noRecord();
  return Number(text);
}

function noRecord() {
  return malformed("an extended header has no valid records");
}

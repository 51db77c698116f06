export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly XmlElement[];
  readonly text: string;
}

/** What XML 1.0 allows (production Char). */
const characters = /^[\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]*$/u;

const token =
  /<\?xml [^?]*\?>|<\/(?<end>\w+)>|<(?<start>\w+)(?<attributes>(?: \w+="[^"<]*")*)(?<empty>\/?)>|(?<text>[^<]+)/gy;

/**
 * Reads the little of XML that our reports are made of, strictly: elements, attributes and text, no comments, no CDATA.
 *
 * @throws for everything else.
 */
export function readXml(xml: string): XmlElement {
  if (!characters.test(xml)) throw new Error("a character that XML does not have");
  const top = { name: "", attributes: {}, children: [] as XmlElement[], text: "" };
  const open = [top];
  let end = 0;
  for (const found of xml.matchAll(token)) {
    end = found.index + found[0].length;
    const { start, attributes = "", empty, end: closed, text } = found.groups ?? {};
    const current = open.at(-1) ?? top;
    if (text !== undefined) current.text += unescaped(text);
    if (start !== undefined) {
      const element = { name: start, attributes: attributesOf(attributes), children: [] as XmlElement[], text: "" };
      current.children.push(element);
      if (empty === "") open.push(element);
    }
    if (closed !== undefined && open.pop()?.name !== closed) throw new Error(`</${closed}> closes something else`);
  }
  const [root, ...others] = top.children;
  if (end !== xml.length) throw new Error(`cannot read ${JSON.stringify(xml.slice(end, end + 80))}`);
  if (root === undefined || others.length > 0 || open.length !== 1) throw new Error("not one element");
  return root;
}

function attributesOf(text: string): Record<string, string> {
  return Object.fromEntries(
    [...text.matchAll(/ (\w+)="([^"]*)"/g)].map(([, name = "", value = ""]) => [name, unescaped(value)]),
  );
}

const named: Readonly<Record<string, string>> = { lt: "<", gt: ">", amp: "&", quot: '"' };

function unescaped(text: string): string {
  return text.replaceAll(/&(?:#(\d+);|(\w+);)?/g, (_, number?: string, name?: string) => {
    const character = number === undefined ? named[name ?? ""] : String.fromCodePoint(Number(number));
    if (character === undefined || !characters.test(character)) throw new Error(`&${name ?? number} is nothing`);
    return character;
  });
}

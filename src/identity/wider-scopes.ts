/** No image has a longer one: 255 characters of a name, 128 of a tag, and a digest. It bounds the time. */
const maxLength = 1024;

/**
 * The scopes of transport docker that are looked up after this one, the most specific first: what containers/image's
 * docker/policyconfiguration `DockerReferenceNamespaces` gives for images of the scope.
 */
export function widerScopes(scope: string): readonly string[] {
  const wider: string[] = [];
  if (scope.length > maxLength) return wider;
  let name = scope;
  const wildcard = name.startsWith("*.");
  const afterSlash = name.lastIndexOf("/") + 1;
  const tagOrDigest = name.slice(afterSlash).search(/[:@]/);
  if (afterSlash > 0 && tagOrDigest !== -1) {
    name = name.slice(0, afterSlash + tagOrDigest);
    wider.push(name);
  }
  for (let slash = name.lastIndexOf("/"); slash !== -1; slash = name.lastIndexOf("/")) {
    name = name.slice(0, slash);
    wider.push(name);
  }
  let host = wildcard ? name.slice(2) : name.replace(/:[0-9]*$/, "");
  for (let dot = host.indexOf("."); dot !== -1; dot = host.indexOf(".")) {
    host = host.slice(dot + 1);
    wider.push(`*.${host}`);
  }
  return wider;
}

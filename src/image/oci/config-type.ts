import type { JsonNode } from "../../encoding/json.ts";
import { GoJsonDecoder } from "../../encoding/json-go.ts";
import {
  field,
  type GoSliceValue,
  type GoType,
  goBoolean,
  goInteger,
  goMapOf,
  goPointer,
  goSlice,
  goSliceOf,
  goString,
  goStruct,
  goTime,
  optional,
} from "../../encoding/json-go-type.ts";

const strings = goSlice(goString);
/** A `map[string]struct{}`, of which only the keys say something. */
const names = goMapOf(goStruct({}));

/** What a container is run with (image-spec: specs-go/v1/config.go ImageConfig). */
const executionType = goStruct({
  user: optional("User", goString),
  exposedPorts: optional("ExposedPorts", names),
  env: optional("Env", strings),
  entrypoint: optional("Entrypoint", strings),
  cmd: optional("Cmd", strings),
  volumes: optional("Volumes", names),
  workingDir: optional("WorkingDir", goString),
  labels: optional("Labels", goMapOf(goString)),
  stopSignal: optional("StopSignal", goString),
  argsEscaped: optional("ArgsEscaped", goBoolean),
});

/** image-spec: specs-go/v1/config.go RootFS. */
const rootFsType = goStruct({
  type: field("type", goString),
  diffIds: field("diff_ids", strings),
});

/** One step of how an image was made (image-spec: specs-go/v1/config.go History). */
const historyType = goStruct({
  created: optional("created", goPointer(goTime)),
  createdBy: optional("created_by", goString),
  author: optional("author", goString),
  comment: optional("comment", goString),
  emptyLayer: optional("empty_layer", goBoolean),
});

/** The configuration of an image (image-spec: specs-go/v1/config.go Image; Platform is embedded in it). */
const imageType = goStruct({
  created: optional("created", goPointer(goTime)),
  author: optional("author", goString),
  architecture: field("architecture", goString),
  os: field("os", goString),
  osVersion: optional("os.version", goString),
  osFeatures: optional("os.features", strings),
  variant: optional("variant", goString),
  // `omitempty` leaves out no struct.
  config: field("config", executionType),
  rootFs: field("rootfs", rootFsType),
  history: optional("history", goSlice(historyType)),
});

export const ociImageType = { whole: imageType, inner: executionType };

/** A list of strings, or one string (image/v5: pkg/strslice StrSlice). Each is decoded anew, without what an earlier duplicate left. */
const stringOrStrings: GoType<GoSliceValue<string>> = {
  ...strings,
  decode: (decoder, node) =>
    node.kind === "string" ? goSliceOf([node.value]) : strings.decode(decoder, node, undefined),
};

/** image/v5: manifest/docker_schema2.go Schema2HealthConfig. */
const healthcheckType = goStruct({
  test: optional("Test", strings),
  startPeriod: optional("StartPeriod", goInteger),
  startInterval: optional("StartInterval", goInteger),
  interval: optional("Interval", goInteger),
  timeout: optional("Timeout", goInteger),
  retries: optional("Retries", goInteger),
});

/** image/v5: manifest/docker_schema2.go Schema2Config. */
const dockerExecutionType = goStruct({
  hostname: field("Hostname", goString),
  domainname: field("Domainname", goString),
  user: field("User", goString),
  attachStdin: field("AttachStdin", goBoolean),
  attachStdout: field("AttachStdout", goBoolean),
  attachStderr: field("AttachStderr", goBoolean),
  exposedPorts: optional("ExposedPorts", names),
  tty: field("Tty", goBoolean),
  openStdin: field("OpenStdin", goBoolean),
  stdinOnce: field("StdinOnce", goBoolean),
  env: field("Env", strings),
  cmd: field("Cmd", stringOrStrings),
  healthcheck: optional("Healthcheck", goPointer(healthcheckType)),
  argsEscaped: optional("ArgsEscaped", goBoolean),
  image: field("Image", goString),
  volumes: field("Volumes", names),
  workingDir: field("WorkingDir", goString),
  entrypoint: field("Entrypoint", stringOrStrings),
  networkDisabled: optional("NetworkDisabled", goBoolean),
  macAddress: optional("MacAddress", goString),
  onBuild: field("OnBuild", strings),
  labels: field("Labels", goMapOf(goString)),
  stopSignal: optional("StopSignal", goString),
  stopTimeout: optional("StopTimeout", goPointer(goInteger)),
  shell: optional("Shell", stringOrStrings),
});

/** What the newest entry of a schema 1 history holds (image/v5: manifest/docker_schema2.go Schema2V1Image). */
export const dockerV1ImageType = goStruct({
  id: optional("id", goString),
  parent: optional("parent", goString),
  comment: optional("comment", goString),
  created: field("created", goTime),
  container: optional("container", goString),
  containerConfig: field("container_config", dockerExecutionType),
  dockerVersion: optional("docker_version", goString),
  author: optional("author", goString),
  config: optional("config", goPointer(dockerExecutionType)),
  architecture: optional("architecture", goString),
  variant: optional("variant", goString),
  os: optional("os", goString),
  size: optional("Size", goInteger),
});

/** What every entry of it says of its layer (image/v5: manifest/docker_schema1.go Schema1V1Compatibility). */
export const generationType = goStruct({
  id: field("id", goString),
  parent: optional("parent", goString),
  comment: optional("comment", goString),
  created: field("created", goTime),
  containerConfig: field("container_config", goStruct({ cmd: field("Cmd", strings) })),
  author: optional("author", goString),
  isThrownAway: optional("throwaway", goBoolean),
});

/** One step in a configuration of Docker's, made from that (image/v5: manifest/docker_schema2.go Schema2History). */
export const dockerHistoryType = goStruct({
  created: field("created", goTime),
  author: optional("author", goString),
  createdBy: optional("created_by", goString),
  comment: optional("comment", goString),
  isEmptyLayer: optional("empty_layer", goBoolean),
});

/** image/v5: manifest/docker_schema2.go Schema2RootFS. */
export const dockerRootFsType = goStruct({
  type: field("type", goString),
  diffIds: optional("diff_ids", strings),
});

/** @returns `undefined` if a value has the wrong type. */
export function decodeAs<T>(type: GoType<T>, root: JsonNode): T | undefined {
  const decoder = new GoJsonDecoder();
  const value = type.decode(decoder, root, type.zero());
  return decoder.mismatch ? undefined : value;
}

import type { Descriptor } from "../../host/descriptors/channel.ts";
import type { OpenDirectory } from "../../host/open-directory.ts";
import { reasonOf } from "../../host/system-error.ts";
import { fail, ok, type Result } from "../../result.ts";
import { rightsOf } from "../service/caller.ts";
import type { ServiceCore } from "../service/service-core.ts";
import { type Call, invalidParameter, type ServiceError } from "../varlink/interface.ts";
import { refuse } from "./refuse.ts";

/** The directory that came with a call at this place, read with the rights of whoever sent it; or what to answer instead. */
export function takeDirectory(
  index: number,
  { descriptors, connection }: Pick<Call<object>, "descriptors" | "connection">,
  core: ServiceCore,
): Result<OpenDirectory, ServiceError | ReturnType<typeof refuse<"NotPermitted">>> {
  const descriptor = descriptors.take(index);
  if (descriptor === undefined) return fail(invalidParameter("directory_fd_index"));
  const directory = core.descriptors.directoryAt(descriptor, rightsOf(connection.peer));
  if (directory.ok) return ok(directory.value);
  const message = `The directory cannot be read: ${reasonOf(directory.problem.errno)}.`;
  return fail(refuse("NotPermitted", { code: "image.source.unreadable", message }, connection, core));
}

/** @throws if the system has no more files. */
export function sealed(name: string, bytes: Uint8Array, { descriptors }: ServiceCore): Descriptor {
  const file = descriptors.sealedFile(name, bytes);
  if (!file.ok) throw new Error(`the ${name} cannot be handed out: ${file.problem.errno}`);
  return file.value;
}

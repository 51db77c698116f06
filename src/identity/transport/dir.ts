import { pathTransport } from "../path-transport.ts";

/** A path of a directory (containers/image: directory `directory_transport.go`). */
export const dir = pathTransport("dir");

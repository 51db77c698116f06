import { pathTransport } from "../path-transport.ts";

/** A path of a Singularity image file (containers/image: sif `transport.go`). */
export const sif = pathTransport("sif");

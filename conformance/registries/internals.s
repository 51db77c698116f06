// Functions without a body, of internals.go, need a file of assembly in the package.

/** What `policy init` asks and says on a terminal. */
export const initTexts = {
  askRegistry: "Registry, or registry and namespace, whose images are signed (registry.example.com/vendor): ",
  askKey: "Absolute path of the public key that signs them: ",
  interrupted: "Interrupted; nothing was written.",
  refused:
    "Nothing was written: for what is said above, no image could be accepted. Correct it, or give --force to get the policy all the same.",
} as const;

/** What `policy init` asks on a terminal. */
export const initQuestions = {
  registry: "Registry, or registry and namespace, whose images are signed (registry.example.com/vendor): ",
  key: "Absolute path of the public key that signs them: ",
} as const;

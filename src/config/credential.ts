/** Who one is to a registry. Secrets: they are in no message. */
export type Credential =
  | { readonly kind: "password"; readonly username: string; readonly password: string }
  /** For a token server; a registry that asks for a password gets those that stand beside it, which may be empty. */
  | { readonly kind: "identity-token"; readonly token: string; readonly username: string; readonly password: string };

/** What a token server would have given: no such server is asked (image/v5: docker/docker_client.go `setupRequestAuth`). */
export interface RegistryToken {
  readonly kind: "registry-token";
  readonly token: string;
}

/** `undefined` if there is nothing in it: as good as none at all (image/v5: pkg/docker/config `getCredentialsWithHomeDir`). */
export function credentialOf(parts: {
  readonly username: string;
  readonly password: string;
  readonly token: string;
}): Credential | undefined {
  const { username, password, token } = parts;
  if (token !== "") return { kind: "identity-token", token, username, password };
  return username === "" && password === "" ? undefined : { kind: "password", username, password };
}

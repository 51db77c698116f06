const acceptAnything = [{ type: "insecureAcceptAnything" }];

function forRedHat(requirement: object): object {
  return {
    default: acceptAnything,
    transports: {
      docker: { "registry.access.redhat.com": [requirement], "registry.redhat.io": [requirement] },
      "docker-daemon": { "": acceptAnything },
    },
  };
}

/** Policies as distributions ship them, to start from or to go back to. They accept whatever is not from Red Hat's registries. */
const presets = {
  // containers-common of Fedora 45, CentOS Stream 10 and RHEL 10: container-libs, common/rpm/policy.json.
  fedora: forRedHat({
    type: "sigstoreSigned",
    keyPath: "/etc/pki/sigstore/SIGSTORE-redhat-release3",
    rekorPublicKeyPath: "/etc/pki/sigstore/REKOR-signing-key",
  }),
  // containers-common of RHEL 8 and 9.
  rhel9: forRedHat({
    type: "signedBy",
    keyType: "GPGKeys",
    keyPaths: ["/etc/pki/rpm-gpg/RPM-GPG-KEY-redhat-release", "/etc/pki/rpm-gpg/RPM-GPG-KEY-redhat-beta"],
  }),
} as const;

/** The text of a preset. */
export function presetPolicy(name: keyof typeof presets): string {
  return `${JSON.stringify(presets[name], undefined, 2)}\n`;
}

const seconds = { s: 1, m: 60, h: 3600, d: 86_400 } as const;

/** `N` or `N/UNIT`, as requests a second. */
export function perSecondOf(text: string): number | "none" {
  const [, count = "", unit = "s"] = /^(\d{1,9})(?:\/([smhd]))?$/.exec(text) ?? [];
  const perSecond = Number(count) / seconds[unit as keyof typeof seconds];
  return count === "" || perSecond === 0 ? "none" : perSecond;
}

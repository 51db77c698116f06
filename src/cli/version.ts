/** That of package.json, which the executable does not carry; a test holds the two equal. */
export const version = "0.1.0";

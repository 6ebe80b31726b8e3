// Where Firefox is.

export const FIREFOX: string = process.env["FIREFOX"] ?? "/usr/bin/firefox-esr";

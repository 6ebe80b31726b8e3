// What a server does with the guide's page for Next.

import { StrictMode, version } from "react";
import { renderToString } from "react-dom/server";
import Page from "../../test/guide/page.js";

export const major: string = version.replace(/\..*/, "");
export const html: string = renderToString(
  <StrictMode>
    <Page />
  </StrictMode>,
);

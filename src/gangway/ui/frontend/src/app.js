// Every page works without this file; it only answers faster where it is present.
// The content policy forbids inline script and eval, so behaviour hangs on data- attributes.
import "./app.css";
import htmx from "htmx.org";
import "./scripts/after.js";
import "./scripts/code.js";
import "./scripts/copy.js";
import "./scripts/dialog.js";
import "./scripts/here.js";
import "./scripts/menu.js";
import "./scripts/passkey.js";
import "./scripts/pick.js";
import "./scripts/submit.js";
import "./scripts/theme.js";
import "./scripts/toast.js";
import "./scripts/waits.js";

Object.assign(htmx.config, {
  allowEval: false,
  disableInheritance: true, // what an element does stands on the element
  historyCacheSize: 0, // nothing personal stays in the browser's storage
  includeIndicatorStyles: false, // would be a style element
  refreshOnHistoryMiss: true,
  selfRequestsOnly: true,
});

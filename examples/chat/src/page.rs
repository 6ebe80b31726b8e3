//! The chat's page and its generated client, all of it inside the binary.

use axum::Router;
use axum::http::HeaderValue;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::response::IntoResponse;
use axum::routing::get;

const HTML: &str = "text/html; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const JAVASCRIPT: &str = "text/javascript; charset=utf-8";
const SVG: &str = "image/svg+xml";

/// Forbids foreign and inline code, so that a message can never run as code here.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
);

macro_rules! files {
    ($($path:literal: $kind:ident = $file:literal;)+) => {
        /// The page's routes.
        pub(crate) fn routes() -> Router {
            Router::new()
                $(.route($path, get(|| async { file($kind, include_str!($file)) })))+
        }
    };
}

files! {
    "/": HTML = "../page/index.html";
    "/style.css": CSS = "../page/style.css";
    "/icon.svg": SVG = "../page/icon.svg";
    "/app.js": JAVASCRIPT = "../page/app.js";
    "/room.js": JAVASCRIPT = "../page/room.js";
    "/view.js": JAVASCRIPT = "../page/view.js";
    "/plain": HTML = "../page/plain.html";
    "/plain.js": JAVASCRIPT = "../page/plain.js";
    "/script": HTML = "../page/script.html";
    "/script.js": JAVASCRIPT = "../page/script.js";
    "/chat.iife.js": JAVASCRIPT = "../../../generated-ts/chat-iife/chat.iife.js";
    "/socket/index.js": JAVASCRIPT = "../../../generated-ts/chat-js/index.js";
    "/socket/chat.js": JAVASCRIPT = "../../../generated-ts/chat-js/chat.js";
    "/socket/socket.js": JAVASCRIPT = "../../../generated-ts/chat-js/socket.js";
}

fn file(kind: &'static str, content: &'static str) -> impl IntoResponse {
    (
        [
            (CONTENT_TYPE, HeaderValue::from_static(kind)),
            (CACHE_CONTROL, HeaderValue::from_static("no-cache")),
            (CONTENT_SECURITY_POLICY, POLICY),
        ],
        content,
    )
}

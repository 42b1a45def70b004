//! The pages that the person sees when the browser comes back. They hold no script, nothing from elsewhere, nothing of the
//! request, and no token.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

/// What a page says.
pub(super) struct Page {
    status: &'static str,
    /// Colours the mark before the heading.
    mark: &'static str,
    what: &'static str,
    next: &'static str,
}

/// Signed in.
pub(super) const DONE: Page = Page {
    status: "200 OK",
    mark: "good",
    what: "You are signed in",
    next: "You may close this page and go back to PowerShell, where the connection is being made.",
};
/// The service refused, or the person did.
pub(super) const REFUSED: Page = Page {
    status: "200 OK",
    mark: "bad",
    what: "The sign-in was not completed",
    next: "Nothing was changed. PowerShell shows the reason and what to do. You may close this page.",
};
/// Not an answer to this sign-in.
pub(super) const NOT_OURS: Page = Page {
    status: "400 Bad Request",
    mark: "bad",
    what: "This is not an answer to the sign-in that is under way",
    next: "Close this page, go back to PowerShell and open the address that it shows last.",
};
/// The one answer is there already.
pub(super) const OVER: Page = Page {
    status: "410 Gone",
    mark: "bad",
    what: "This sign-in has ended",
    next: "Go back to PowerShell. If there is no connection, run Connect-PPTenant again.",
};
/// Icons and the like.
pub(super) const NOTHING: Page =
    Page { status: "404 Not Found", mark: "bad", what: "There is nothing here", next: "Go back to PowerShell." };

const STYLE: &str = "\
:root{color-scheme:light dark}\
body{margin:0;min-height:100vh;display:flex;align-items:center;justify-content:center;\
font:16px/1.5 system-ui,'Segoe UI',sans-serif;background:#f3f4f6;color:#1c2024}\
main{box-sizing:border-box;width:100%;max-width:34rem;margin:1.5rem;padding:2rem 2.25rem;border-radius:12px;\
background:#fff;border-left:6px solid #b3261e}\
main.good{border-left-color:#18794e}\
header{font-size:.875rem;letter-spacing:.02em;color:#5b6470}\
h1{font-size:1.5rem;line-height:1.25;margin:.5rem 0 .75rem;font-weight:600}\
p{margin:0}\
@media(prefers-color-scheme:dark){body{background:#16181b;color:#eceef0}main{background:#212427;border-left-color:#f2867f}\
main.good{border-left-color:#4cc38a}header{color:#a3abb5}}";

/// The whole HTTP answer.
pub(super) fn answer(page: &Page) -> String {
    let Page { status, mark, what, next } = page;
    let body = format!(
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"><title>{what} - PPFederation</title>\
         <style>{STYLE}</style></head>\n\
         <body><main class=\"{mark}\"><header>PPFederation, the Practice Protect federation of Microsoft 365</header>\
         <h1>{what}</h1><p>{next}</p></main></body></html>\n"
    );
    // This style and no other; nothing else is loaded or run.
    let style = STANDARD.encode(Sha256::digest(STYLE));
    format!(
        "HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {}\r\n\
         Connection: close\r\nCache-Control: no-store\r\nReferrer-Policy: no-referrer\r\n\
         X-Content-Type-Options: nosniff\r\nContent-Security-Policy: default-src 'none'; style-src 'sha256-{style}'\r\n\r\n{body}",
        body.len()
    )
}

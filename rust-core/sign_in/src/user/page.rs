//! The pages that the person sees when the browser comes back. They hold no script, nothing of the request, and no token.

/// Signed in.
pub(super) const DONE: (u16, &str) = (200, "You are signed in. You may close this page and go back to PowerShell.");
/// The service refused, or the person did.
pub(super) const REFUSED: (u16, &str) =
    (200, "The sign-in was not completed. You may close this page; PowerShell shows the reason.");
/// Not an answer to this sign-in.
pub(super) const NOT_OURS: (u16, &str) = (400, "This is not an answer to the sign-in that is under way.");
/// Icons and the like.
pub(super) const NOTHING: (u16, &str) = (404, "There is nothing here.");

/// The whole HTTP answer.
pub(super) fn answer((status, words): (u16, &str)) -> String {
    let reason = match status {
        200 => "OK",
        404 => "Not Found",
        _ => "Bad Request",
    };
    let body = format!(
        "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>PPFederation</title></head>\
         <body><p>{words}</p></body></html>"
    );
    format!(
        "HTTP/1.1 {status} {reason}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {}\r\n\
         Connection: close\r\nCache-Control: no-store\r\nReferrer-Policy: no-referrer\r\n\
         X-Content-Type-Options: nosniff\r\nContent-Security-Policy: default-src 'none'\r\n\r\n{body}",
        body.len()
    )
}

use spin_sdk::http::{IntoResponse, Request, Response, Result};
use spin_sdk::http_service;

#[http_service]
async fn handle(request: Request) -> Result<impl IntoResponse> {
    let text = format!("Hello from {{project-name}}: {} {}\n", request.method(), request.uri().path());
    Ok(Response::builder().header("content-type", "text/plain; charset=utf-8").body(text)?)
}

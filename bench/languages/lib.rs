use serde::{Deserialize, Serialize};
use spin_sdk::http::body::IncomingBodyExt;
use spin_sdk::http::{IntoResponse, Request, Response, Result};
use spin_sdk::http_service;

#[derive(Deserialize)]
struct Order {
    rounds: u32,
}

#[derive(Serialize)]
struct Answer {
    rounds: u32,
    value: u32,
}

#[http_service]
async fn handle(request: Request) -> Result<impl IntoResponse> {
    let body = request.into_body().bytes().await?;
    let Order { rounds } = serde_json::from_slice(&body).map_err(|error| spin_sdk::http::Error::other(error.to_string()))?;
    let mut value: u32 = 1;
    for _ in 0..rounds {
        value = (value * 75 + 74) % 65537;
    }
    let text = serde_json::to_string(&Answer { rounds, value }).unwrap();
    Ok(Response::builder().header("content-type", "application/json").body(text)?)
}

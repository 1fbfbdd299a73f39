use spin_sdk::redis_subscriber;

#[redis_subscriber]
async fn on_message(message: Vec<u8>) -> Result<(), String> {
    println!("{{project-name}}: {}", String::from_utf8_lossy(&message));
    Ok(())
}

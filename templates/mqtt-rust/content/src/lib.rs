wit_bindgen::generate!({
    inline: r#"
        package spin:mqtt-trigger;

        interface spin-mqtt-types {
            type payload = list<u8>;
            record metadata { topic: string }
            variant error { other(string) }
        }

        world spin-mqtt {
            use spin-mqtt-types.{payload, metadata, error};
            export handle-message: func(message: payload, metadata: metadata) -> result<_, error>;
        }
    "#,
});

struct Component;

impl Guest for Component {
    fn handle_message(message: Payload, metadata: Metadata) -> Result<(), Error> {
        println!("{{project-name}}: {}: {}", metadata.topic, String::from_utf8_lossy(&message));
        Ok(())
    }
}

export!(Component);

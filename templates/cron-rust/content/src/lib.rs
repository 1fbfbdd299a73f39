wit_bindgen::generate!({
    inline: r#"
        package fermyon:spin-cron@2.0.0;

        interface cron-types {
            record metadata { timestamp: u64 }
            variant error { other(string) }
        }

        world spin-cron {
            use cron-types.{metadata, error};
            export handle-cron-event: func(metadata: metadata) -> result<_, error>;
        }
    "#,
});

struct Component;

impl Guest for Component {
    /// The timestamp counts seconds since 1970.
    fn handle_cron_event(metadata: Metadata) -> Result<(), Error> {
        println!("{{project-name}}: {}", metadata.timestamp);
        Ok(())
    }
}

export!(Component);

wit_bindgen::generate!({
    inline: r#"
        package fermyon:spin-sqs@2.0.0;

        interface sqs-types {
            variant message-attribute-value { str(string), binary(list<u8>) }
            record message-attribute {
                name: string,
                data-type: option<string>,
                value: message-attribute-value,
            }
            record message {
                id: option<string>,
                message-attributes: list<message-attribute>,
                body: option<string>,
            }
            enum message-action { delete, leave }
            variant error { other(string) }
        }

        world spin-sqs {
            use sqs-types.{message, message-action, error};
            export handle-queue-message: func(message: message) -> result<message-action, error>;
        }
    "#,
});

struct Component;

impl Guest for Component {
    /// The message is deleted when this says so; one that is left comes again.
    fn handle_queue_message(message: Message) -> Result<MessageAction, Error> {
        let (id, body) = (message.id.unwrap_or_default(), message.body.unwrap_or_default());
        println!("{{project-name}}: {id}: {body}");
        Ok(MessageAction::Delete)
    }
}

export!(Component);

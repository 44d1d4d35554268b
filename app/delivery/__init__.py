"""The outbox: messages are queued with the change that needs them and sent by a worker of their own."""

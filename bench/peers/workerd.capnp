# The same greeting in workerd: plain JavaScript, one isolate that lives on between requests.
using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [(name = "hello", worker = .hello)],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "hello")],
);

const hello :Workerd.Worker = (
  modules = [(name = "hello", esModule = embed "workerd-hello.js")],
  compatibilityDate = "2026-10-01",
);

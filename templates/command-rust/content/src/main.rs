fn main() {
    let names: Vec<String> = std::env::args().skip(1).collect();
    println!("Hello from {{project-name}}: {}", names.join(" "));
}

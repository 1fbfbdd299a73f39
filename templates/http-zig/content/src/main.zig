const std = @import("std");

/// A program that answers one request, as CGI has it: the host starts it for each.
pub fn main() !void {
    const allocator = std.heap.wasm_allocator;
    const environment = try std.process.getEnvMap(allocator);
    const method = environment.get("REQUEST_METHOD") orelse "";
    const path = environment.get("PATH_INFO") orelse "";
    const text = try std.fmt.allocPrint(allocator, "content-type: text/plain; charset=utf-8\n\n" ++
        "Hello from {{project-name}}: {s} {s}\n", .{ method, path });
    try std.fs.File.stdout().writeAll(text);
}

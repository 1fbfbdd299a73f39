@file:OptIn(UnsafeWasmMemoryApi::class, ExperimentalWasmInterop::class)

import kotlin.wasm.ExperimentalWasmInterop
import kotlin.wasm.WasmImport
import kotlin.wasm.unsafe.Pointer
import kotlin.wasm.unsafe.UnsafeWasmMemoryApi
import kotlin.wasm.unsafe.withScopedMemoryAllocator

@WasmImport("wasi_snapshot_preview1", "environ_sizes_get")
private external fun environSizesGet(count: Int, size: Int): Int

@WasmImport("wasi_snapshot_preview1", "environ_get")
private external fun environGet(pointers: Int, buffer: Int): Int

private fun textAt(start: Pointer): String {
    var end = start
    while (end.loadByte() != 0.toByte()) end += 1
    return ByteArray((end.address - start.address).toInt()) { (start + it).loadByte() }.decodeToString()
}

/** The variables of CGI, in which the request is: https://www.rfc-editor.org/rfc/rfc3875 */
private fun environment(): Map<String, String> = withScopedMemoryAllocator { memory ->
    val sizes = memory.allocate(8)
    environSizesGet(sizes.address.toInt(), (sizes + 4).address.toInt())
    val count = sizes.loadInt()
    val pointers = memory.allocate(maxOf(4, count * 4))
    environGet(pointers.address.toInt(), memory.allocate(maxOf(4, (sizes + 4).loadInt())).address.toInt())
    (0 until count).associate {
        val text = textAt(Pointer((pointers + it * 4).loadInt().toUInt()))
        text.substringBefore('=') to text.substringAfter('=')
    }
}

fun main() {
    val request = environment()
    println("content-type: text/plain; charset=utf-8")
    println()
    println("Hello from {{project-name}}: ${request["REQUEST_METHOD"]} ${request["PATH_INFO"]}")
}

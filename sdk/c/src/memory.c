// Memory: an allocator for the handler (malloc and friends), scratch memory for the library, and the canonical ABI's
// realloc. Small and fixed in its ways, so that the same request always touches the same pages.
#include "internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

extern unsigned char __heap_base;
extern unsigned char __heap_end; // the end of the memory that the module starts with

#define PAGE 65536u
#define SMALLEST_CLASS 4u // 16 bytes
#define CLASSES 31u

// In front of each block, so that blocks are aligned to 16 bytes. Blocks of a class hold a power of two, and freed ones
// wait in a list for the next of their class.
typedef struct block {
  uint32_t class;
  struct block *whole; // of an ALIGNED block: the one that it lies in
  uint32_t padding[2];
  struct block *next; // only while the block is free; otherwise its first bytes
} block;
#define HEADER offsetof(block, next)
#define ALIGNED UINT32_MAX
_Static_assert(HEADER == 16, "blocks are aligned to 16 bytes");

static uintptr_t top;
static uintptr_t limit;
static block *free_blocks[CLASSES];

static unsigned class_of(size_t size) {
  if (size <= (1u << SMALLEST_CLASS)) return SMALLEST_CLASS;
  return 32u - (unsigned)__builtin_clz((unsigned)size - 1u);
}

static bool extend(size_t needed) {
  if (top == 0) {
    top = ((uintptr_t)&__heap_base + 15u) & ~(uintptr_t)15u;
    limit = (uintptr_t)&__heap_end;
  }
  if (limit - top >= needed) return true;
  size_t pages = (needed - (limit - top) + PAGE - 1) / PAGE;
  if (__builtin_wasm_memory_grow(0, pages) == (size_t)-1) return false;
  limit += pages * PAGE;
  return true;
}

void *malloc(size_t size) {
  unsigned class = class_of(size);
  if (class >= CLASSES) {
    errno = ENOMEM;
    return NULL;
  }
  block *found = free_blocks[class];
  if (found) {
    free_blocks[class] = found->next;
    return &found->next;
  }
  size_t whole = HEADER + ((size_t)1 << class);
  if (!extend(whole)) {
    errno = ENOMEM;
    return NULL;
  }
  found = (block *)top;
  top += whole;
  found->class = class;
  return &found->next;
}

static block *block_of(void *pointer) {
  return (block *)((unsigned char *)pointer - HEADER);
}

void free(void *pointer) {
  if (!pointer) return;
  block *freed = block_of(pointer);
  if (freed->class == ALIGNED) freed = freed->whole;
  freed->next = free_blocks[freed->class];
  free_blocks[freed->class] = freed;
}

size_t malloc_usable_size(void *pointer) {
  if (!pointer) return 0;
  block *held = block_of(pointer);
  block *whole = held->class == ALIGNED ? held->whole : held;
  return (size_t)((unsigned char *)&whole->next + ((size_t)1 << whole->class) - (unsigned char *)pointer);
}

void *aligned_alloc(size_t align, size_t size) {
  if (align <= HEADER) return malloc(size);
  if (align & (align - 1) || size > SIZE_MAX / 2 || align > SIZE_MAX / 4) {
    errno = EINVAL;
    return NULL;
  }
  unsigned char *pointer = malloc(size + align);
  if (!pointer || ((uintptr_t)pointer & (align - 1)) == 0) return pointer;
  void *aligned = pointer + (align - ((uintptr_t)pointer & (align - 1)));
  block_of(aligned)->class = ALIGNED;
  block_of(aligned)->whole = block_of(pointer);
  return aligned;
}

int posix_memalign(void **result, size_t align, size_t size) {
  void *pointer = aligned_alloc(align, size);
  if (!pointer) return align & (align - 1) ? EINVAL : ENOMEM;
  *result = pointer;
  return 0;
}

void *calloc(size_t count, size_t size) {
  size_t whole;
  if (__builtin_mul_overflow(count, size, &whole)) {
    errno = ENOMEM;
    return NULL;
  }
  void *pointer = malloc(whole);
  return pointer ? memset(pointer, 0, whole) : NULL;
}

void *realloc(void *pointer, size_t size) {
  if (!pointer) return malloc(size);
  size_t held = malloc_usable_size(pointer);
  if (size <= held) return pointer;
  void *moved = malloc(size);
  if (!moved) return NULL;
  memcpy(moved, pointer, held);
  free(pointer);
  return moved;
}

// ---- scratch memory

#define FIRST_CHUNK 2048u
#define CHUNK 8192u

typedef struct chunk {
  struct chunk *previous;
  unsigned char bytes[];
} chunk;

static _Alignas(8) unsigned char first_chunk[FIRST_CHUNK];
static unsigned char *scratch = first_chunk;
static unsigned char *scratch_end = first_chunk + FIRST_CHUNK;
static chunk *chunks;

static bool add_chunk(size_t needed) {
  size_t size = needed > CHUNK ? needed : CHUNK;
  chunk *added = malloc(sizeof(chunk) + 8 + size);
  if (!added) return false;
  added->previous = chunks;
  chunks = added;
  scratch = (unsigned char *)(((uintptr_t)added->bytes + 7u) & ~(uintptr_t)7u);
  scratch_end = scratch + size;
  return true;
}

void *mayfly_scratch(size_t size) {
  size_t rounded = (size + 7u) & ~(size_t)7u;
  if (rounded < size || ((size_t)(scratch_end - scratch) < rounded && !add_chunk(rounded))) __builtin_trap();
  void *pointer = scratch;
  scratch += rounded;
  return pointer;
}

void mayfly_scratch_reset(void) {
  while (chunks) {
    chunk *previous = chunks->previous;
    free(chunks);
    chunks = previous;
  }
  scratch = first_chunk;
  scratch_end = first_chunk + FIRST_CHUNK;
}

static void *receive_buffer;
static size_t receive_size;

void mayfly_receive_into(void *buffer, size_t size) {
  receive_buffer = buffer;
  receive_size = size;
}

// CanonicalABI.md, `realloc`: the host asks for memory to store strings and lists in. No alignment is above 8.
__attribute__((export_name("cabi_realloc"))) void *cabi_realloc(void *old, size_t old_size, size_t align,
                                                                size_t new_size) {
  (void)align;
  if (old) {
    if (new_size <= old_size) return old;
    return memcpy(mayfly_scratch(new_size), old, old_size);
  }
  if (receive_buffer && new_size <= receive_size) {
    void *buffer = receive_buffer;
    receive_buffer = NULL;
    return buffer;
  }
  return mayfly_scratch(new_size);
}

// Files of the mounts, opened read-only: the preopened directory that is the longest prefix of the path leads to them.
#include "internal.h"

#include <string.h>

struct mayfly_file {
  handle descriptor;
  uint64_t size;
  incoming content;
};

static const char *const error_names[] = {
    "access", "would-block", "already", "bad-descriptor", "busy", "deadlock", "quota", "exist", "file-too-large",
    "illegal-byte-sequence", "in-progress", "interrupted", "invalid", "io", "is-directory", "loop", "too-many-links",
    "message-size", "name-too-long", "no-device", "no-entry", "no-lock", "insufficient-memory", "insufficient-space",
    "not-directory", "not-empty", "not-recoverable", "unsupported", "no-tty", "no-such-device", "overflow",
    "not-permitted", "pipe", "read-only", "invalid-seek", "text-file-busy", "cross-device"};
#define IS_DIRECTORY 14
#define NO_ENTRY 20
#define REGULAR_FILE 6
#define SYMLINK_FOLLOW 1
#define READ 1

static uint8_t last_error;

const char *mayfly_file_error(void) {
  return last_error < sizeof error_names / sizeof error_names[0] ? error_names[last_error] : "io";
}

static void *fail(uint8_t error) {
  last_error = error;
  return NULL;
}

#define ELSEWHERE SIZE_MAX

// The next name of a path from `at` on; separators and `.` stand for nothing.
static size_t skip_to_name(mayfly_string path, size_t at) {
  for (;;) {
    size_t next = at + 1;
    if (at < path.length && path.data[at] == '/') at = next;
    else if (at < path.length && path.data[at] == '.' && (next == path.length || path.data[next] == '/')) at = next;
    else return at;
  }
}

static size_t end_of_name(mayfly_string path, size_t at) {
  while (at < path.length && path.data[at] != '/') at++;
  return at;
}

// Where in `path` the part below the mount starts; ELSEWHERE when it does not lead there.
static size_t prefix_of(mayfly_string mount, mayfly_string path) {
  size_t in_mount = skip_to_name(mount, 0);
  size_t in_path = skip_to_name(path, 0);
  if (path.length == 0 || path.data[0] != '/') return ELSEWHERE;
  while (in_mount < mount.length) {
    size_t length = end_of_name(mount, in_mount) - in_mount;
    if (end_of_name(path, in_path) - in_path != length) return ELSEWHERE;
    if (memcmp(mount.data + in_mount, path.data + in_path, length) != 0) return ELSEWHERE;
    in_mount = skip_to_name(mount, in_mount + length);
    in_path = skip_to_name(path, in_path + length);
  }
  return in_path;
}

static file_result open_path(mayfly_string path) {
  file_result opened = {.is_err = 1, .error = NO_ENTRY};
  preopen_list mounts;
  size_t best = 0;
  handle directory = NO_HANDLE;
  preopens_get_directories(&mounts);
  for (size_t index = 0; index < mounts.count; index++) {
    size_t length = prefix_of(mounts.data[index].path, path);
    if (length == ELSEWHERE || (directory != NO_HANDLE && length <= best)) continue;
    best = length;
    directory = mounts.data[index].descriptor;
  }
  if (directory != NO_HANDLE) {
    // Nothing is left of the path of the mount itself.
    mayfly_string rest = best < path.length ? (mayfly_string){path.data + best, path.length - best} : (mayfly_string){".", 1};
    descriptor_open_at(directory, SYMLINK_FOLLOW, rest.data, rest.length, 0, READ, &opened);
  }
  for (size_t index = 0; index < mounts.count; index++) descriptor_drop(mounts.data[index].descriptor);
  return opened;
}

mayfly_file *mayfly_file_open(mayfly_string path) {
  stat_result stat;
  file_result stream;
  file_result opened = open_path(path);
  if (opened.is_err) return fail(opened.error);
  descriptor_stat(opened.value, &stat);
  if (!stat.is_err && stat.type == REGULAR_FILE) {
    descriptor_read_via_stream(opened.value, 0, &stream);
    if (!stream.is_err) {
      mayfly_file *file = mayfly_scratch(sizeof *file);
      *file = (mayfly_file){opened.value, stat.size, {.stream = stream.value}};
      return file;
    }
    last_error = stream.error;
  } else {
    last_error = stat.is_err ? stat.error : IS_DIRECTORY;
  }
  descriptor_drop(opened.value);
  return NULL;
}

uint64_t mayfly_file_size(mayfly_file *file) {
  return file->size;
}

ptrdiff_t mayfly_file_read(mayfly_file *file, void *buffer, size_t size) {
  return mayfly_incoming_read(&file->content, buffer, size);
}

void mayfly_file_close(mayfly_file *file) {
  mayfly_incoming_close(&file->content);
  descriptor_drop(file->descriptor);
}

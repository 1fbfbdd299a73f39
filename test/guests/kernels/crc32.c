// CRC-32 (polynomial 0xEDB88320) of `size` KiB, by table.
#include "kernel.h"

static uint32_t table[256];
static uint8_t data[1024];

KERNEL uint32_t run(uint32_t size) {
  uint32_t crc = 0xffffffffu;
  for (uint32_t i = 0; i < 256; i++) {
    uint32_t entry = i;
    for (int bit = 0; bit < 8; bit++) entry = entry & 1 ? entry >> 1 ^ 0xedb88320u : entry >> 1;
    table[i] = entry;
  }
  for (size_t i = 0; i < sizeof data; i++) data[i] = (uint8_t)(i * 7);
  for (uint32_t turn = 0; turn < size; turn++)
    for (size_t i = 0; i < sizeof data; i++) crc = table[(crc ^ data[i]) & 255] ^ crc >> 8;
  return ~crc;
}

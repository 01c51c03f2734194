"""How much a package may be, for whoever writes one and whoever reads one."""

# A hundred times what a question holds; each entry may cost a finding and some kilobytes.
MAX_ENTRIES = 20_000
# What expands to more bytes than this, and to more than so many times its size, is a bomb.
BOMB_BYTES = 256 * 1024 * 1024
BOMB_RATIO = 200

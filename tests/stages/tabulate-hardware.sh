#!/bin/sh
. tests/shell.inc
tabulate=$BIN/tabulate-hardware
published=experiments/published/table2.csv
usual "$tabulate"
exits 1 'not a regular file' "it refuses to replace a device" "$tabulate" -p $published -m hwmodels -o /dev/full

again() { "$tabulate" -p "$1" -m "$2" -o "$tmp/table2.csv" -t "$tmp/table2.txt"; }
is "every row of the paper's Table 2 has ours beside it" again $published hwmodels
is '  ten rows' test "$(wc -l <"$tmp/table2.csv")" -eq 11
is '  batches and arrays are those of the paper' test "$(grep -c ',ok$' "$tmp/table2.csv")" -eq 4
is '  ports have its width' grep -q '^bismo-cloud,axi_port,4x256b,2x256b,within$' "$tmp/table2.csv"
is '  buffers fit its memory' grep -q '^bismo-edge,block_ram,140x36Kb,4096Kb,within$' "$tmp/table2.csv"
is '  the text says the same' grep -q '^bismo-edge  *pe_array  *8x8  *8x8$' "$tmp/table2.txt"

mkdir "$tmp/models" && cp hwmodels/bismo-*.conf "$tmp/models"
# other KEY VALUE LINE TEXT: the edge with one number changed must be seen
other() {
	sed "s/^$1 .*/$1 = $2/" hwmodels/bismo-edge.conf >"$tmp/models/bismo-edge.conf"
	exits 1 "$3" "$4" again $published "$tmp/models"
}
other batch 2            'line 3: batch of bismo-edge: the paper has 1, ours is 2' 'another batch is seen'
other pe_columns 16      'pe_array of bismo-edge: the paper has 8x8, ours is 8x16' 'another array is seen'
other port_bits 128      'axi_port of bismo-edge: the paper has 4x64b, ours is 2x128b' 'another port is seen'
other buffer_words 2048  'block_ram of bismo-edge: the paper has 140x36Kb, ours is 8192Kb' 'a buffer that does not fit is seen'
is '  all rows are written all the same' test "$(wc -l <"$tmp/table2.csv")" -eq 11
# changed SCRIPT PATTERN TEXT: a published table that cannot be read
changed() {
	sed "$1" $published >"$tmp/published.csv"
	exits 1 "$2" "$3 is refused" again "$tmp/published.csv" hwmodels
}
changed 's/pe_array/pes/'    "row 'pes'; expected device, batch"       'an unknown row'
changed 's/4x64b/64b/'       "axi_port '64b'; expected COUNTxSIZEb"    'a port without a count'
changed 's/140x36Kb/140x36/' "block_ram '140x36'; expected COUNTxSIZEKb" 'memory without a unit'
changed 's/bismo-edge/bismo-sea/' 'bismo-sea.conf'                     'a hardware that is not there'
changed '2,$d'               'no rows'                                 'an empty table'
finish

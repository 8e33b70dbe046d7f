# roofline.gp - speed of each layer against its operation intensity, under the roof of its accelerator.
#   dir    folder of w8a8/ and w4a4/seed-1.HW.roofline.csv          title   the network
width = 9.0; height = 3.6
load "plots/style.gp"

file(bits, hw) = sprintf("%s/%s/seed-1.%s.roofline.csv", dir, bits, hw)

set logscale xy
set format "10^{%T}"
set xlabel "operation intensity, MACs per byte"
set grid linecolor rgb 0xdddddd
set multiplot layout 1, 3 title title.": each layer at 8/8 bits (filled) and 4/4 bits (open), and its roof" \
	noenhanced offset 0, 0.5

set ylabel "10^9 MACs per second"
do for [hw in "bismo-edge bismo-cloud bitfusion"] {
	set title hw
	set xrange [*:*]; set yrange [*:*]      # stats looks only at what is in range
	stats file("w8a8", hw) using 10 every ::1 name "P8" nooutput
	stats file("w8a8", hw) using 11 every ::1 name "B8" nooutput
	stats file("w4a4", hw) using 10 every ::1 name "P4" nooutput
	# first and last layer stay at 8/8, so the greatest peak of w4a4 is that of 4/4
	stats file("w8a8", hw) using 8 every ::1 name "S8" nooutput
	set xrange [0.5:2000]
	set yrange [S8_min/3 : P4_max*2]
	if (hw eq "bitfusion") { set key bottom right Left reverse } else { unset key }
	plot (x * B8_max < P8_max ? x * B8_max : P8_max) linewidth 1.5 linecolor rgb grey \
	         title "roof at 8/8", \
	     (x * B8_max < P4_max ? x * B8_max : P4_max) linewidth 1.5 dashtype 2 linecolor rgb grey \
	         title "roof at 4/4", \
	     for [kind in kinds] file("w8a8", hw) every ::1 using (of(kind, $7)):8 pointtype filled(kind) \
	         pointsize size(kind) - 0.1 linecolor rgb colour(kind) title name(kind), \
	     for [kind in kinds] file("w4a4", hw) every ::1 using (of(kind, $7)):8 pointtype open(kind) \
	         pointsize size(kind) - 0.1 linecolor rgb colour(kind) notitle
	unset ylabel
}
unset multiplot

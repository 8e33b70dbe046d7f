# bits.gp - bits that a search gave each layer, on the edge and in the cloud, over operation intensity: HAQ's
# Figures 3 and 4.
#   edge, cloud   PATH.HW.roofline.csv of the policy found for each         title   the network
width = 9.0; height = 6.6
load "plots/style.gp"

stats edge using 3 every ::1 name "L" nooutput

set multiplot layout 3, 1 title title.": bits found under the latency of 4/4 bits" noenhanced offset 0, 0.3
set xrange [-0.7 : L_records - 0.3]
set yrange [-9:9]
set ytics ("8" -8, "6" -6, "4" -4, "2" -2, "0" 0, "2" 2, "4" 4, "6" 6, "8" 8)
set grid ytics linecolor rgb 0xdddddd
set boxwidth 0.8
set style fill solid 0.85 noborder
set lmargin 12
set rmargin 18
set key outside right top Left reverse
unset xtics
do for [i = 1 : 2] {
	file = i == 1 ? edge : cloud
	set ylabel (i == 1 ? "edge" : "cloud")."\nactivations    weights" offset -2
	# weights up, activations down
	plot for [kind in kinds] file every ::1 using 0:(of(kind, $3)) with boxes linecolor rgb colour(kind) \
	         title (i == 1 ? name(kind) : ""), \
	     for [kind in kinds] "" every ::1 using 0:(of(kind, -$4)) with boxes linecolor rgb colour(kind) \
	         fill solid 0.45 notitle
}

set xtics nomirror scale 0.6
set xlabel "layer"
set ylabel "MACs per byte" offset -2
set yrange [*:*]
set logscale y
set ytics auto
set format y "%g"
plot edge  every ::1 using 0:7 with linespoints pointtype 7 pointsize 0.5 linecolor rgb grey title "edge", \
     cloud every ::1 using 0:7 with linespoints pointtype 6 pointsize 0.5 dashtype 2 linecolor rgb grey \
           title "cloud"
unset multiplot

# size.gp - weight bits that a search under a size gave each layer, over its number of weights: HAQ's
# Figure 5.
#   policy   PATH.HW.roofline.csv of the policy, for bits and kinds         title   the network
#   layers   describe-network's table, for weights
width = 9.0; height = 4.6
load "plots/style.gp"

stats policy using 3 every ::1 name "L" nooutput

set multiplot layout 2, 1 title title.": weight bits found under the size of 2-bit weights" noenhanced \
	offset 0, 0.3
set xrange [-0.7 : L_records - 0.3]
set yrange [0:9]
set ytics 2
set grid ytics linecolor rgb 0xdddddd
set boxwidth 0.8
set style fill solid 0.85 noborder
set lmargin 12
set rmargin 18
set key outside right top Left reverse
set ylabel "bits of weights" offset -1
unset xtics
plot for [kind in kinds] policy every ::1 using 0:(of(kind, $3)) with boxes linecolor rgb colour(kind) \
         title name(kind)
set xtics nomirror scale 0.6
set xlabel "layer"
set ylabel "weights"
set yrange [*:*]
set logscale y
set ytics auto
set format y "10^{%T}"
plot layers every ::1 using 0:(strcol(1) eq "total" ? NaN : $13) with linespoints pointtype 7 pointsize 0.5 \
         linecolor rgb grey notitle
unset multiplot

# bits.gp - bits that a search gave each layer, on the edge and in the cloud, over operation intensity: HAQ's Figures 3 and 4.
#   edge, cloud   PATH.HW.roofline.csv of the policy found for each         title   the network
width = 9.0; height = 6.6
load "plots/style.gp"

of(kind, column) = strcol(2) eq kind ? column : NaN
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
	plot file every ::1 using 0:(of("depthwise", $3)) with boxes linecolor rgb blue   title (i == 1 ? "depthwise" : ""), \
	     ""   every ::1 using 0:(of("pointwise", $3)) with boxes linecolor rgb red    title (i == 1 ? "pointwise" : ""), \
	     ""   every ::1 using 0:(of("conv", $3))      with boxes linecolor rgb green  title (i == 1 ? "convolution" : ""), \
	     ""   every ::1 using 0:(of("linear", $3))    with boxes linecolor rgb purple title (i == 1 ? "linear" : ""), \
	     ""   every ::1 using 0:(of("depthwise", -$4)) with boxes linecolor rgb blue   fill solid 0.45 notitle, \
	     ""   every ::1 using 0:(of("pointwise", -$4)) with boxes linecolor rgb red    fill solid 0.45 notitle, \
	     ""   every ::1 using 0:(of("conv", -$4))      with boxes linecolor rgb green  fill solid 0.45 notitle, \
	     ""   every ::1 using 0:(of("linear", -$4))    with boxes linecolor rgb purple fill solid 0.45 notitle
}

set xtics nomirror scale 0.6
set xlabel "layer"
set ylabel "MACs per byte" offset -2
set yrange [*:*]
set logscale y
set ytics auto
set format y "%g"
plot edge  every ::1 using 0:7 with linespoints pointtype 7 pointsize 0.5 linecolor rgb grey title "edge", \
     cloud every ::1 using 0:7 with linespoints pointtype 6 pointsize 0.5 dashtype 2 linecolor rgb grey title "cloud"
unset multiplot

# intensity.gp - operation intensity of each layer on the edge and in the cloud: the lower part of HAQ's
# Figure 3.
#   dir    folder of w8a8/seed-1.HW.roofline.csv                    title   the network
width = 8.0; height = 3.0
load "plots/style.gp"

file(hw) = sprintf("%s/w8a8/seed-1.%s.roofline.csv", dir, hw)

set title title.": operation intensity at 8/8 bits; edge: batch of 1, cloud: batch of 16" noenhanced
set ylabel "MACs per byte"
set xlabel "layer"
set logscale y
set format y "%g"
set grid ytics linecolor rgb 0xdddddd
set key outside right top Left reverse
stats file("bismo-edge") using 7 every ::1 name "I" nooutput
set xrange [-0.7 : I_records - 0.3]
set yrange [0.5:*]
plot file("bismo-edge")  every ::1 using 0:7 with lines linewidth 1 linecolor rgb 0xaaaaaa title "edge", \
     file("bismo-cloud") every ::1 using 0:7 with lines linewidth 1 dashtype 2 linecolor rgb 0x777777 \
         title "cloud", \
     for [kind in kinds] file("bismo-edge") every ::1 using 0:(of(kind, $7)) pointtype filled(kind) \
         pointsize size(kind) linecolor rgb colour(kind) title name(kind), \
     for [kind in kinds] file("bismo-cloud") every ::1 using 0:(of(kind, $7)) pointtype open(kind) \
         pointsize size(kind) linecolor rgb colour(kind) notitle

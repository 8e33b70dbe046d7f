# intensity.gp - operation intensity of each layer on the edge and in the cloud: the lower part of HAQ's Figure 3.
#   dir    folder of w8a8/seed-1.HW.roofline.csv                    title   the network
width = 8.0; height = 3.0
load "plots/style.gp"

file(hw) = sprintf("%s/w8a8/seed-1.%s.roofline.csv", dir, hw)
of(kind, column) = strcol(2) eq kind ? column : NaN

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
     file("bismo-cloud") every ::1 using 0:7 with lines linewidth 1 dashtype 2 linecolor rgb 0x777777 title "cloud", \
     file("bismo-edge")  every ::1 using 0:(of("depthwise", $7)) pointtype 7  pointsize 0.8 linecolor rgb blue  title "depthwise", \
     ""                  every ::1 using 0:(of("pointwise", $7)) pointtype 5  pointsize 0.7 linecolor rgb red   title "pointwise", \
     ""                  every ::1 using 0:(of("conv", $7))      pointtype 9  pointsize 0.9 linecolor rgb green title "convolution", \
     ""                  every ::1 using 0:(of("linear", $7))    pointtype 13 pointsize 1.0 linecolor rgb purple title "linear", \
     file("bismo-cloud") every ::1 using 0:(of("depthwise", $7)) pointtype 6  pointsize 0.8 linecolor rgb blue  notitle, \
     ""                  every ::1 using 0:(of("pointwise", $7)) pointtype 4  pointsize 0.7 linecolor rgb red   notitle, \
     ""                  every ::1 using 0:(of("conv", $7))      pointtype 8  pointsize 0.9 linecolor rgb green notitle, \
     ""                  every ::1 using 0:(of("linear", $7))    pointtype 12 pointsize 1.0 linecolor rgb purple notitle

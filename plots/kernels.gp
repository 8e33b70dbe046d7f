# kernels.gp - how much the kernels of each layer differ, and what bits of their own could win.
#   nets   names of networks          tables   NET/kernels.csv of each, in that order
width = 8.0; height = 4.4
load "plots/style.gp"

marks = "7 5 9 13"
colours = "0x0072B2 0xD55E00 0x009E73 0xCC79A7"
colour_of(i) = int(word(colours, (i - 1) % 4 + 1))
mark_of(i)   = int(word(marks, (i - 1) % 4 + 1))

set multiplot layout 2, 1 title "Kernels by the weights alone, layer by layer" offset 0, 0.3
set lmargin 10
set grid ytics linecolor rgb 0xdddddd
set key top right Left reverse noenhanced
set ylabel "spread, log4"
set yrange [0:*]
plot for [i = 1 : words(nets)] word(tables, i) every ::1 using 0:5 with linespoints pointtype mark_of(i) \
         pointsize 0.5 linecolor rgb colour_of(i) title word(nets, i)
set ylabel "gain at 4 bits"
set xlabel "searched layer"
unset key
plot for [i = 1 : words(nets)] word(tables, i) every ::1 using 0:7 with linespoints pointtype mark_of(i) \
         pointsize 0.5 linecolor rgb colour_of(i) notitle
unset multiplot

# agents.gp - the best top-1 so far over the episodes of several agents.
#   agents   their names          traces   PATH.trace.csv of each, in that order
#   title    the network
width = 8.0; height = 4.2
load "plots/style.gp"

# "episode,most" a line
most(file) = sprintf("< awk -F, 'NR > 1 { if ($4 > m) m = $4; print $1 \",\" m }' %s", file)
colours = "0x0072B2 0xD55E00 0xE69F00 0xCC79A7 0x009E73 0x56B4E9 0x777777 0x000000"

# whoever is far behind would hide the others
stats word(traces, 1) using 4 every ::1 name "M" nooutput
set yrange [M_max - 5 : M_max + 0.5]
set title title.": highest top-1 so far" noenhanced
set xlabel "episode"
set ylabel "top-1, %"
set grid linecolor rgb 0xdddddd
set key outside right center Left reverse noenhanced
plot for [i = 1 : words(agents)] most(word(traces, i)) using 1:2 with steps linewidth 1.5 dashtype i \
         linecolor rgb int(word(colours, (i - 1) % words(colours) + 1)) title word(agents, i)

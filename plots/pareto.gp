# pareto.gp - accuracy against latency, flexible bits against fixed ones: HAQ's Figure 1.
#   table   OUT/tables/pareto.csv           nets   its networks
width = 4.0 * words(nets); height = 3.4
load "plots/style.gp"

# one curve; rows of others between would break the line
curve(net, hw, label) = sprintf("< grep '^%s,%s,[^,]*,%s,' %s", net, hw, label, table)

set multiplot layout 1, words(nets) \
	title "Accuracy at equal latency, bits searched against the same bits everywhere" offset 0, 0.3
set grid linecolor rgb 0xdddddd
set format y "%.1f"
set key bottom right Left reverse
do for [net in nets] {
	do for [hw in "bismo-edge"] {
		set title net.", ".hw noenhanced
		set xlabel "latency of an image, ms"
		set ylabel "top-1, %"
		plot curve(net, hw, "uniform")  using 10:6 with linespoints pointtype 7 pointsize 0.9 \
		         linewidth 1.5 linecolor rgb red  title "fixed", \
		     curve(net, hw, "searched") using 10:6 with linespoints pointtype 5 pointsize 0.9 \
		         linewidth 1.5 linecolor rgb blue title "flexible"
	}
}
unset multiplot

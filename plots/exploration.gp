# exploration.gp - reward, accuracy, latency and energy over the episodes of a search without a budget: HAQ's
# Figure 6.
#   paper, default   PATH.trace.csv of ddpg-step's searches by the paper's agent and by the default one
#   title            the network
width = 8.0; height = 5.8
load "plots/style.gp"

# mean of the last 15 episodes; "episode,mean" a line
mean(file, column) = sprintf("< awk -F, -v c=%d 'NR > 1 { i = NR %% 15; sum += $c - x[i]; x[i] = $c; ". \
                             "n += n < 15; print $1 \",\" sum / n }' %s", column, file)
what(panel)  = panel == 1 ? "reward" : panel == 2 ? "top-1, %" : panel == 3 ? "latency, ms" : "energy, mJ"
field(panel) = panel == 1 ? 2 : panel + 2

set multiplot layout 2, 2 title title.": a search without a budget, costs are in the reward" noenhanced \
	offset 0, 0.3
set grid linecolor rgb 0xdddddd
set xlabel "episode"
set format y "%g"
do for [panel = 1 : 4] {
	c = field(panel)
	set ylabel what(panel)
	if (panel == 1) { set key bottom right Left reverse } else { unset key }
	plot paper   using 1:c every ::1 pointtype 7 pointsize 0.25 linecolor rgb 0xF0B080 notitle, \
	     default using 1:c every ::1 pointtype 7 pointsize 0.25 linecolor rgb 0x90C0E0 notitle, \
	     mean(paper, c)   using 1:2 with lines linewidth 1.5 linecolor rgb red \
	         title "agent of the paper", \
	     mean(default, c) using 1:2 with lines linewidth 1.5 dashtype 2 linecolor rgb blue \
	         title "default agent"
}
unset multiplot

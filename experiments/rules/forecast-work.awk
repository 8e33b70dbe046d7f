# forecast-work.awk - what `make -n` would run, as the work of forecast.awk: a line a program,
#
#	PROGRAM UNIT NETWORK KIND CONF IMAGES DRAW
#
#	finetune results/tiny-fashion/bismo-edge/latency-w3a3/seed-1 tiny-fashion episode CONF data/fashion/tune.npz tiny-fashion
#
# UNIT is what goes on one after the other: a run, a uniform policy, or the training of DRAW, which is what runs wait for:
# NETWORK, or NETWORK.seed-2 of the weights that seed 2 trains.  KIND is episode, brief (any policy, scored as an
# episode is) or final; PROGRAM is `train` where weights begin at random, `evaluate-float` where a network is in full
# precision.
#
#	varied FILE CONF VARIANT
#
# FILE, which is yet to be written, are the settings CONF with the changes of VARIANT (vary.sh).
#
#	images FILE COUNT
#
# of those that are yet to be packed.
function base(path) {
	sub(/.*\//, "", path)
	return path
}
function dropped(text, end) {
	return substr(text, 1, length(text) - length(end))
}
# without what one program adds, drawn-01.search.draw-1 of drawn-01.search.draw-1.tuned.npz
function stem(name) {
	sub(/\.(policy|quant|tuned|score|brief)\.[a-z]+$/, "", name)
	return name
}
# of a path as results/tiny-fashion/seed-2.full-precision.score.csv; 1 where none is said
function seed(path) {
	if (!match(path, /^.*[\/.]seed-[0-9]+[\/.]/))
		return 1
	path = substr(path, 1, RLENGTH - 1)
	sub(/^.*seed-/, "", path)
	return path + 0
}
function say(program,    unit, kind, network, draw, is_baseline) {
	network = dropped(base(option["-n"]), ".csv")
	is_baseline = base(option["-o"]) ~ /full-precision/
	draw = seed(is_baseline ? "/" base(option["-o"]) : option["-o"])
	draw = network (draw > 1 ? ".seed-" draw : "")
	kind = base(option["-o"]) ~ /^[0-9][0-9][0-9][0-9]\./ ? "episode" : "final"
	unit = !is_baseline && match(option["-o"], /^.*\/seed-[0-9]+/) ? substr(option["-o"], 1, RLENGTH) : draw
	if (base(option["-o"]) ~ /\.draw-[0-9]+\./)
		kind = "brief"
	if (kind == "brief" || unit ~ /\/rank\//) # one does not wait for another
		unit = unit "/" stem(base(option["-o"]))
	if (program == "finetune" && !("-w" in option))
		program = "train"
	if (program == "evaluate" && !("-p" in option))
		program = "evaluate-float"
	print program, unit, network, kind, ("-c" in option) ? option["-c"] : "-", ("-d" in option) ? option["-d"] : "-", draw
}
# commands may go over several lines
{
	line = line $0
	if (sub(/\\$/, " ", line))
		next
	n = split(line, word, " ")
	line = ""
	if (word[1] == "[")        # what a search chose comes with its policy (episode.mk)
		next
	split("", option)
	program = ""
	for (i = 1; i <= n; i++) {
		if (program != "" && word[i] ~ /^-([a-z]|-take)$/)
			option[word[i]] = word[i + 1]
		else if (word[i] ~ /\/vary\.sh$/)
			print "varied", word[i + 3], word[i + 1], word[i + 2]
		else if (program == "" && word[i] ~ /^[^ ]*\/bin\/((ddpg|autoq)-step|quantize|finetune|evaluate|pack-images)$/)
			program = base(word[i])
	}
	if (program == "pack-images" && "--take" in option)
		print "images", option["-o"], option["--take"]
	else if (program != "" && program != "pack-images" && "-n" in option)     # nor where it is linked
		say(program)
}

"""How parents use the diary (clause 2.3): how far their access has come, who comes, who never came or stopped."""
